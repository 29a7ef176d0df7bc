// Package source holds the places that Items come from: one source a file.
package source
