#!/usr/bin/env node
// Small enough for any Node.js to read: says one clear line on an old one instead of a syntax error.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 24 || (version[0] === 24 && version[1] < 15)) {
  process.stderr.write(`SL0009: Sluice needs Node.js 24.15 or newer: this is ${process.versions.node}\n`);
  process.exit(2);
}
var path = require('node:path');
var fs = require('node:fs');
var built = path.join(__dirname, '..', 'dist', 'main', 'sluice.js');
var source = path.join(__dirname, '..', 'src', 'main', 'sluice.ts');
import(require('node:url').pathToFileURL(fs.existsSync(source) ? source : built).href);
