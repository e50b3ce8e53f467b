package terminal

// Narrow tells whether a glyph is one cell wide in every terminal.
var Narrow = narrow
