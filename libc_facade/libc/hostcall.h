/* SPDX-License-Identifier: Apache-2.0
 *
 * <hostcall.h>: what a program can ask of its lanes that no standard header has. `hostcall run --threads N` runs main on N lanes.
 */
#ifndef _HOSTCALL_H
#define _HOSTCALL_H

#ifdef __cplusplus
extern "C" {
#endif

int hc_program_lane(void);  /* which main this is, from 0; of a thread that the program started a number behind them */
int hc_program_lanes(void); /* how many mains there are */

#define hc_thread_id() hc_program_lane()
#define hc_thread_count() hc_program_lanes()

#ifdef __cplusplus
}
#endif

#endif
