package main

import (
	"bytes"
	"os"
	"testing"

	"swarmtop/ui"
)

// TestReadmeHasTheKeysOfNow fails when the table was not generated again.
func TestReadmeHasTheKeysOfNow(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want, err := withTable(page, ui.KeyTable()); err != nil || !bytes.Equal(page, want) {
		t.Errorf("the README's table of keys is old (%v): go generate ./screenshots/...", err)
	}
}
