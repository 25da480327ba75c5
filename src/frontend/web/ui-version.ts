// Which Web UI this server speaks with. Temporal's UI asks its server for this version and encodes ids in paths by it; Temporal's server
// sees it as the client's version.

/** Of `github.com/temporalio/ui-server/v2`, whose built files scripts/fetch-web-ui.ts takes. */
export const UI_VERSION = '2.54.1';
