/* SPDX-License-Identifier: MIT */
/* void subject_fiber_switch(uint64_t *save, uint64_t load): x19..x30 and d8..d15 (AAPCS64). */
	.text
	.globl	subject_fiber_switch
	.hidden	subject_fiber_switch
	.type	subject_fiber_switch, %function
subject_fiber_switch:
	stp	x19, x20, [sp, #-160]!
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x19, x20, [sp], #160
	ret
	.size	subject_fiber_switch, . - subject_fiber_switch
	.section .note.GNU-stack, "", %progbits
