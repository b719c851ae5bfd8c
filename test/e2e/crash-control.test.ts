/** kill -9 of control: the proxy serves on, so that no request is lost, and every rollout goes on where it was. */

import { closeClean } from './close-shop.ts';
import { describeCrashes } from './describe-crashes.ts';
import { killControl } from './victims.ts';

describeCrashes('no request is lost and the release is promoted', {
  victims: { control: killControl },
  close: closeClean,
});
