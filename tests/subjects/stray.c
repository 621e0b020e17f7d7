/* SPDX-License-Identifier: MIT */
/* State that the simulator would neither save nor restore: outside the gathered sections. */
#include "tests/subjects/stray.h"

unsigned gathered_counter;
__attribute__((section(".data.stray"))) unsigned stray_counter = 1;

unsigned stray_next(void)
{
	return ++gathered_counter + ++stray_counter;
}
