package lean

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// A writer writes the input of a request as JSON, member by member as the SDK's
// type names them: what the SDK adds to its inputs is written too. What it does
// not know makes it fail, and then the SDK writes.
type writer struct {
	text  []byte
	more  bool // a comma goes before the next element
	keyed bool // the name of the next element is written
	in    []bool
	fails bool
}

func (w *writer) reset() { *w = writer{text: w.text[:0], in: w.in[:0]} }

// before writes what goes before a value: a comma, and within an object the name
// of the member.
func (w *writer) before(s *smithy.Schema) {
	if w.keyed {
		w.keyed = false
		return
	}
	if w.more {
		w.text = append(w.text, ',')
	}
	w.more = true
	if len(w.in) > 0 && w.in[len(w.in)-1] {
		w.name(s)
	}
}

func (w *writer) name(s *smithy.Schema) {
	w.text = append(append(append(w.text, '"'), s.MemberName()...), `":`...)
}

func (w *writer) open(s *smithy.Schema, c byte) {
	w.before(s)
	w.text, w.in, w.more = append(w.text, c), append(w.in, c == '{'), false
}

func (w *writer) end(c byte) {
	w.text, w.in, w.more, w.keyed = append(w.text, c), w.in[:len(w.in)-1], true, false
}

// Bytes returns what was written; so far the methods of smithy.ShapeSerializer.
func (w *writer) Bytes() []byte { return w.text }

func (w *writer) WriteInt8(s *smithy.Schema, v int8)   { w.WriteInt64(s, int64(v)) }
func (w *writer) WriteInt16(s *smithy.Schema, v int16) { w.WriteInt64(s, int64(v)) }
func (w *writer) WriteInt32(s *smithy.Schema, v int32) { w.WriteInt64(s, int64(v)) }
func (w *writer) WriteInt64(s *smithy.Schema, v int64) {
	w.before(s)
	w.text = strconv.AppendInt(w.text, v, 10)
}

func (w *writer) WriteBool(s *smithy.Schema, v bool) {
	w.before(s)
	w.text = strconv.AppendBool(w.text, v)
}

func (w *writer) WriteString(s *smithy.Schema, v string) {
	w.before(s)
	w.text = codec.AppendText(w.text, v)
}

func (w *writer) WriteBlob(s *smithy.Schema, v []byte) {
	if w.before(s); v == nil {
		w.text = append(w.text, "null"...)
		return
	}
	w.text = append(base64.StdEncoding.AppendEncode(append(w.text, '"'), v), '"')
}

func (w *writer) WriteNil(s *smithy.Schema) {
	w.before(s)
	w.text = append(w.text, "null"...)
}

func (w *writer) WriteStruct(s *smithy.Schema) { w.open(s, '{') }
func (w *writer) CloseStruct()                 { w.end('}') }
func (w *writer) WriteList(s *smithy.Schema)   { w.open(s, '[') }
func (w *writer) CloseList()                   { w.end(']') }
func (w *writer) WriteMap(s *smithy.Schema)    { w.open(s, '{') }
func (w *writer) CloseMap()                    { w.end('}') }
func (w *writer) WriteKey(_ *smithy.Schema, key string) {
	if w.more {
		w.text = append(w.text, ',')
	}
	w.text = append(codec.AppendText(w.text, key), ':')
	w.more, w.keyed = true, true
}

func (w *writer) WriteUnion(s, variant *smithy.Schema) {
	w.open(s, '{')
	w.name(variant)
	w.keyed = true
}

func (w *writer) CloseUnion() { w.end('}') }

// No input of a repository has what follows.
func (w *writer) WriteFloat32(*smithy.Schema, float32)         { w.fails = true }
func (w *writer) WriteFloat64(*smithy.Schema, float64)         { w.fails = true }
func (w *writer) WriteBigInt(*smithy.Schema, *big.Int)         { w.fails = true }
func (w *writer) WriteBigFloat(*smithy.Schema, *big.Float)     { w.fails = true }
func (w *writer) WriteTime(*smithy.Schema, time.Time)          { w.fails = true }
func (w *writer) WriteDocument(*smithy.Schema, document.Value) { w.fails = true }
