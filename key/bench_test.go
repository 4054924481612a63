package key_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/door"
)

func BenchmarkJoin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		text, err := id.Join("model_1", 42)
		if err != nil || text != "model_1|42" {
			b.Fatal(text, err)
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values, err := id.Split("model_1|42")
		if err != nil || len(values) != 2 {
			b.Fatal(values, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	values := []types.AttributeValue{str("model_1"), num("42")}
	b.ReportAllocs()
	for b.Loop() {
		_, err := id.Inside(door.Key{}).Encode(values)
		require.NoError(b, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	av := str("model_1|42")
	b.ReportAllocs()
	for b.Loop() {
		_, err := id.Inside(door.Key{}).Decode(av)
		require.NoError(b, err)
	}
}
