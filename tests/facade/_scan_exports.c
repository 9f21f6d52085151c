/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's sscanf as a shared library, so that tests can call it beside the machine's. */
#include <errno.h>
#include <stdio.h>

static hc_host_lane lane;
int t_errno(void);
int t_errno(void) { return lane.err; }
int t_sscanf(const char *text, const char *fmt, ...);
int t_sscanf(const char *text, const char *fmt, ...) {
    __builtin_va_list list;
    int n;
    hc_self = &lane;
    lane.err = 0;
    __builtin_va_start(list, fmt);
    n = vsscanf(text, fmt, list);
    __builtin_va_end(list);
    return n;
}
