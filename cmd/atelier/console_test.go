package main

import (
	"bytes"
	"errors"
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

// What strangers called their things is shown, and not obeyed.
// A name with the end of a line in it does not break the line that it is in.
func TestSayKeepsToItsLine(t *testing.T) {
	var out, err bytes.Buffer
	c := &console{out: &out, err: &err}
	c.say("wrote %s\nto %s", "a\nb.png", &output{written: []string{"c\nd"}, expected: 1})
	c.warn("left out e\nf", "g")
	newMeter(c).notice("wrote h\ni")
	if want := "wrote a\\nb.png\nto wrote c\\nd\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if want := "atelier: left out e\\nf: g\nwrote h\\ni\n"; err.String() != want {
		t.Errorf("%q, want %q", err.String(), want)
	}
}

func TestVisible(t *testing.T) {
	var out bytes.Buffer
	c := console{out: &out}
	c.say("a\x1b[31mred %s\tb\nc", "\x00\x7f\u009b\u202eev\u2069il é 模 \u200f\u200d😀")
	c.table([]string{"A", "B"}, [][]string{{"x\ny", "\x1b]0;title\x07"}})
	want := "a\\x1b[31mred \\x00\\x7f\\u009b\\u202eev\\u2069il é 模 \u200f\u200d😀\tb\nc\nA\tB\nx y\t\\x1b]0;title\\a\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if got := oneLine(errors.New("a\nb\x1bc")); got != `a b\x1bc` {
		t.Error(got)
	}
}
