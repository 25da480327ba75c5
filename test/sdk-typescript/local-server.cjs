// Loaded by AVA in each test process. The SDK's local test environment downloads Temporal's executable unless it is told of one:
// here it is told of the one that SDK_TESTS_SERVER names. Runs in the folder that prepare.ts makes, hence CommonJS.

const { TestWorkflowEnvironment } = require('@temporalio/testing');

const path = process.env.SDK_TESTS_SERVER;
const createLocal = TestWorkflowEnvironment.createLocal;
TestWorkflowEnvironment.createLocal = function createLocalOfTarget(options) {
  const server = { executable: { type: 'existing-path', path }, ...options?.server };
  return createLocal.call(this, { ...options, server });
};
