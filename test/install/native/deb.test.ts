// @module-tag slow
import { describeManager } from './suite.ts';

describeManager('deb');
