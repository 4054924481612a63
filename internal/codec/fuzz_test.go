package codec_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// source makes the fuzzer's bytes the choices of a generator.
type source struct {
	data []byte
	then *rand.PCG
}

func (s *source) Uint64() uint64 {
	if len(s.data) == 0 {
		return s.then.Uint64()
	}
	var word [8]byte
	n := copy(word[:], s.data)
	s.data = s.data[n:]
	return binary.LittleEndian.Uint64(word[:])
}

func fuzzed(t reflect.Type, data []byte) any {
	v := reflect.New(t)
	seed := uint64(len(data))
	for _, b := range data {
		seed = seed*31 + uint64(b)
	}
	generator{rand.New(&source{data, rand.NewPCG(seed, 2)})}.fill(v.Elem(), 0)
	return v.Interface()
}

// A part is a type of a few fields of a larger one.
type part struct {
	typ   reflect.Type
	codec *codec.Codec
}

// partsOf takes a struct type apart, but what holds itself: a run of the fuzzer
// is then about little, and there are many a second.
func partsOf(f *testing.F, whole reflect.Type) []part {
	var fields []reflect.StructField
	for field := range whole.Fields() {
		if field.IsExported() && !field.Anonymous && field.Type != reflect.PointerTo(whole) {
			fields = append(fields, field)
		}
	}
	var parts []part
	for some := range slices.Chunk(fields, 3) {
		t := reflect.StructOf(some)
		parts = append(parts, part{t, codecFor(f, t)})
	}
	return parts
}

// FuzzValues encodes and decodes values of types that hold every kind of field
// and every tag option, and compares with attributevalue.
func FuzzValues(f *testing.F) {
	all, methods := partsOf(f, reflect.TypeFor[everything]()), partsOf(f, reflect.TypeFor[withMethods]())
	for i := range len(all) + len(methods) {
		f.Add(byte(i), []byte("seed"))
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		i := int(which) % (len(all) + len(methods))
		if i < len(all) {
			v := fuzzed(all[i].typ, data)
			sameEncoding(t, all[i].codec, v)
			decodeBack(t, all[i].codec, v)
			return
		}
		p := methods[i-len(all)]
		v := fuzzed(p.typ, data)
		sameEncoding(t, p.codec, v, encodingMarshalers)
		decodeBack(t, p.codec, v, encodingUnmarshalers)
	})
}

// FuzzText decodes any bytes: what is taken for an item must be one to
// encoding/json, and load as attributevalue loads it; what is refused leaves
// nothing behind.
func FuzzText(f *testing.F) {
	c := codecOf[everything](f)
	for seed := range uint64(20) {
		if text, err := c.AppendItem(nil, reflect.ValueOf(random[everything](seed)).Elem()); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(`{"i":{"N":"x"},"i":{"N":"1"}}`))
	f.Add([]byte(`{"s":{"S":"\ud834\udd1e"},"m":{"M":{"k":{"S":"v"}}}}`))
	f.Add([]byte("{ \"i\" : { \"N\" : \"12\" } ,\n\"b\":{\"BOOL\":true},\"any\":{\"L\":[{\"NULL\":true}]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got everything
		err := c.DecodeItem(data, reflect.ValueOf(&got).Elem())
		item, parseErr := parseItem(data)
		if err != nil {
			require.True(t, reflect.ValueOf(got).IsZero())
			if parseErr == nil && errors.Is(err, codec.ErrKind) && !repeats(t, data) {
				require.Error(t, c.Decode(item, reflect.ValueOf(&got).Elem()))
			}
			return
		}
		require.NoError(t, parseErr)
		var want everything
		require.NoError(t, c.Decode(item, reflect.ValueOf(&want).Elem()))
		sameFields(t, want, got)
	})
}
