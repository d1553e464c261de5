#pragma once
#include <cairo.h>
#include <pango/pangocairo.h>

// PANGO_SCALE: Pango's units in one pixel.
static inline int vs_pango_units(double pixels) { return (int)(pixels * PANGO_SCALE); }
