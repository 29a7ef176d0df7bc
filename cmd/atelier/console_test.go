package main

import (
	"bytes"
	"testing"
)

func TestTable(t *testing.T) {
	header, rows := []string{"NAME", "STEP"}, [][]string{{"0001-fashion", "40"}, {"b", "4000"}}
	for _, c := range []struct {
		console console
		want    string
	}{
		{console{}, "NAME\tSTEP\n0001-fashion\t40\nb\t4000\n"},
		{console{aligned: true}, "NAME          STEP\n0001-fashion  40\nb             4000\n"},
		{console{aligned: true, coloured: true}, "\x1b[1mNAME          STEP\x1b[0m\n0001-fashion  40\nb             4000\n"},
	} {
		var out bytes.Buffer
		c.console.out = &out
		c.console.table(header, rows)
		if out.String() != c.want {
			t.Errorf("%q, want %q", out.String(), c.want)
		}
	}
}
