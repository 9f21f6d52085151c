/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/poll.h>: the older place of <poll.h>.
 */
#include <poll.h>
