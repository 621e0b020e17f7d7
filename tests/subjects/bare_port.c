/* SPDX-License-Identifier: MIT */
#include "tests/subjects/bare_code.h"

const struct subject_entries subject_entries = {
        .name = "bare",
        .boot = bare_boot,
        .bare = bare_contexts,
        .bare_count = BARE_COUNT,
};
