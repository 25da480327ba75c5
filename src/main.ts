// For whoever starts the server under this name. main.js takes 15 MiB less.

import './main.js';
