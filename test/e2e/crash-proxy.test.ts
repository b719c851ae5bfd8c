/** kill -9 of a worker of the proxy, or of its parent: it is back by itself; only what was under way is lost. */

import { describeCrashes } from './describe-crashes.ts';
import { killProxyParent, killWorker } from './victims.ts';

describeCrashes('the proxy is back, and the release is promoted', {
  victims: { 'a worker': killWorker, "the proxy's parent": killProxyParent },
});
