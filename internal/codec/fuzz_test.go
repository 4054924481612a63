package codec_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"reflect"
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

func fuzzed[T any](data []byte) *T {
	v := new(T)
	seed := uint64(len(data))
	for _, b := range data {
		seed = seed*31 + uint64(b)
	}
	generator{rand.New(&source{data, rand.NewPCG(seed, 2)})}.fill(reflect.ValueOf(v).Elem(), 0)
	return v
}

// FuzzValues encodes and decodes values of types that hold every kind of field
// and every tag option, and compares with attributevalue.
func FuzzValues(f *testing.F) {
	all, methods := codecOf[everything](f), codecOf[withMethods](f)
	f.Add([]byte("seed"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := fuzzed[everything](data)
		sameEncoding(t, all, e)
		decodeBack(t, all, e)
		m := fuzzed[withMethods](data)
		sameEncoding(t, methods, m, encodingMarshalers)
		decodeBack(t, methods, m, encodingUnmarshalers)
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
	f.Add([]byte(`{"s":{"S":"\ud834\udd1e"},"m":{"M":{"k":{"S":"v"}}}}`))
	f.Add([]byte("{ \"i\" : { \"N\" : \"12\" } ,\n\"b\":{\"BOOL\":true},\"any\":{\"L\":[{\"NULL\":true}]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got everything
		err := c.DecodeItem(data, reflect.ValueOf(&got).Elem())
		item, parseErr := parseItem(data)
		if err != nil {
			require.Equal(t, everything{}, got)
			if parseErr == nil && errors.Is(err, codec.ErrKind) {
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
