/* SPDX-License-Identifier: Apache-2.0
 *
 * The linkable library as one translation unit, so that the engine's state exists once.
 */
#include "library.h"

#include "strings.c"
#include "stdlib.c"
#include "time.c"
#include "math.c"
#include "misc.c"
#include "signals.c"
#include "wide.c"
#include "files.c"
#include "names.c"
#include "streams.c"
#include "directories.c"
#include "system.c"
#include "threads.c"
#include "net.c"
