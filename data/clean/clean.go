// Package clean holds what may be done to Items before they are stored: one
// cleaner a file. A cleaner keeps an Item, changes it or drops it with a reason; it
// lets pass what is not of its kind.
//
// What a cleaner decides is part of a dataset version and the same on every machine:
// decisions compare integers, for some compilers fuse multiplication and addition of
// floating-point numbers.
package clean
