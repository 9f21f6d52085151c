/* SPDX-License-Identifier: Apache-2.0
 *
 * <syscall.h>: the older name.
 */
#include <sys/syscall.h>
