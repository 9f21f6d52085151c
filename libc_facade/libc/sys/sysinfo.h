/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/sysinfo.h>: the host's memory and load.
 */
#ifndef _HC_LIBC_SYS_SYSINFO_H
#define _HC_LIBC_SYS_SYSINFO_H

struct sysinfo {
    long uptime;
    unsigned long loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
    unsigned short procs, pad;
    unsigned long totalhigh, freehigh;
    unsigned int mem_unit;
};
#define SI_LOAD_SHIFT 16

#ifdef __cplusplus
extern "C" {
#endif
int sysinfo(struct sysinfo *__to);
int get_nprocs(void);
int get_nprocs_conf(void);
#ifdef __cplusplus
}
#endif

#endif
