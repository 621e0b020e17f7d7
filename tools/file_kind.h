/* SPDX-License-Identifier: MIT */
/* By what an earlier file of a kind is known: its head, its end or a member. */
#ifndef TOOLS_FILE_KIND_H
#define TOOLS_FILE_KIND_H

#include "tools/files.h"

/* "result" */
const char *tool_file_kind_text(enum tool_file_kind kind);

/* Whether nothing is lost if the file is overwritten: it is one of that kind, empty, or not there.
 */
bool tool_file_is_ours(const char *path, enum tool_file_kind kind);

#endif
