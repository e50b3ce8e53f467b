package main

import "slices"

// rows lists what is measured, in the order of the table.
func (b *bench) rows() []row {
	return slices.Concat(b.joinRows(), b.restRows(), b.gatewayRows(), b.viewRows())
}
