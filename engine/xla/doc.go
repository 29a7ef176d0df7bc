// Package xla opens XLA through gomlx's PJRT backend, for devices that the program
// has no arithmetic of its own for. It is there with the build tag xla, which
// needs cgo and a C compiler; XLA itself is a plugin, a shared library that is
// loaded when a device is opened and never fetched from anywhere.
package xla
