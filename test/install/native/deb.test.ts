import { describeManager } from './suite.ts';

describeManager('deb');
