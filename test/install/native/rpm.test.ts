import { describeManager } from './suite.ts';

describeManager('rpm');
