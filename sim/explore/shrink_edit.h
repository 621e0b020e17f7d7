/* SPDX-License-Identifier: MIT */
/*
 * What can be taken out of a scenario's file, or made simpler in it, one thing
 * at a time. Whether what is left is a scenario is the loader's to say.
 *
 * An edit drops a member or an element, or gives a number another one with
 * fewer bits set, or as many and a smaller value; so there is no endless
 * sequence of edits.
 */
#ifndef SIM_EXPLORE_SHRINK_EDIT_H
#define SIM_EXPLORE_SHRINK_EDIT_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>

struct sim_edit {
	char *pointer; /* JSON pointer */
	char *value;   /* JSON text; NULL: it is dropped */
};

/*
 * Every edit of the file, large things first, of a list the last element first; struct sim_edit.
 * What a scenario is about and the "rest" of its schedule are left alone. schedule: those of the
 * schedule; otherwise all others.
 */
GPtrArray *sim_edits_new(struct json_object *file, bool schedule);

/* A copy of the file with the edit; the caller's reference. */
struct json_object *sim_edit_apply(struct json_object *file, const struct sim_edit *edit);

/* What a pointer into the file becomes; NULL if that is gone. Caller frees. */
char *sim_edit_pointer(const struct sim_edit *edit, const char *pointer);

/* The value at a pointer, borrowed; NULL if there is none. */
struct json_object *sim_edit_find(struct json_object *file, const char *pointer);

#endif
