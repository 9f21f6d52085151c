/* SPDX-License-Identifier: Apache-2.0
 *
 * What every kernel has before its first line: lanes, calls by name, tickets, block collectives, log. The C library comes by the standard
 * headers (<stdio.h>, <fcntl.h>, <unistd.h>, ...).
 */
#ifndef HOSTCALL_H
#define HOSTCALL_H
#include "hc/client.h"
#include "hc/call.h"
#include "hc/block.h"
#include "hc/batch.h"
#include "hc/log.h"
#endif
