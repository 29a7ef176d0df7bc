package main

import (
	"testing"

	"atelier/internal/registry"
	"atelier/internal/registry/registrytest"
)

// The settings of every plug-in survive the run file of a trained run.
func TestSettingsSurvive(t *testing.T) {
	for _, r := range registry.All() {
		t.Run(r.Kind(), func(t *testing.T) { registrytest.RoundTrip(t, r) })
	}
}
