package main

import (
	"os"
	"testing"
)

// TestTable has the table be the one of the library's version in go.mod.
func TestTable(t *testing.T) {
	want, err := plans()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../numbers.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("numbers.txt is not the table of this version of phonenumbers: run go generate ./internal/phone")
	}
}
