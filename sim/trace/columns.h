/* SPDX-License-Identifier: MIT */
/*
 * A trace as a table for people: time goes down, every actor has a column, in
 * the order in which they first act.
 *
 *      vm2.0                                  | vm1.0
 *    1 call FFA_NOTIFICATION_SET sender=vm2   |
 *        receiver=vm1 flags=0x0 bitmap=0x1    |
 *    2                                        | lock notif[vm1]
 *
 * Lines of a narrative that stand for steps left out are shown as they are, and
 * the numbers go on behind those steps. Its width does not depend on the terminal. Lines whose
 * first word is "#" are diagnostics of the actor named next; they keep their mark and get no
 * number.
 */
#ifndef SIM_TRACE_COLUMNS_H
#define SIM_TRACE_COLUMNS_H

#include <glib.h>

/* Columns; further actors share the last one and are named in it. */
#define SIM_MAX_COLUMNS 16u

/* Appends the table of a trace (lines with '\n'), every line indented; nothing for no lines. */
void sim_columns_append(GString *out, const char *trace, unsigned indent);

#endif
