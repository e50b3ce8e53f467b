package session

// Holds tells whether a state folder has swarms, without taking hold of it. One
// that cannot be read counts as if it had: [New] then tells what is wrong.
func Holds(dir string) bool {
	records, err := (&stateFolder{dir: dir}).load()
	return err != nil || len(records) > 0
}
