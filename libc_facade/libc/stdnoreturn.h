/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdnoreturn.h>
 */
#ifndef _STDNORETURN_H
#define _STDNORETURN_H

#ifndef __cplusplus
#define noreturn _Noreturn
#endif

#endif
