package recording

import (
	"encoding/json"
	"reflect"

	"swarmtop/swarm"
)

// Disk is what a Writer needs of its file.
type Disk = disk

// OnDisk puts a disk between a writer and its file.
func (w *Writer) OnDisk(wrap func(Disk) Disk) { w.file = wrap(w.file) }

// Writer is the one of a recorder.
func (r *Recorder) Writer() *Writer { return r.writer }

// Convert writes a value of one type and reads it as one of another.
func Convert(from, to any) error {
	encode, s, err := encoderOf(reflect.TypeOf(from))
	if err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	learnt := new(shape)
	if err := json.Unmarshal(text, learnt); err != nil {
		return err
	}
	v := reflect.ValueOf(to).Elem()
	decode, err := decoderOf(learnt, v.Type())
	if err != nil {
		return err
	}
	in := &input{b: encode(nil, reflect.ValueOf(from)), room: maxMemory}
	decode(in, v)
	return in.err
}

// Decode reads what stands in a block that holds one snapshot.
func Decode(raw []byte) (*swarm.Snapshot, error) {
	decode, rest, err := learn(raw)
	if err != nil {
		return nil, err
	}
	return decodeSnapshot(decode, rest)
}

// Bounds of the format.
const (
	BlockSnapshots = blockSnapshots
	HeadSize       = headSize
	Header         = header
)
