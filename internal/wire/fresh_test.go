package wire_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/wire"
)

type part struct {
	Name string `dynamodbav:"name"`
	Age  int    `dynamodbav:"age"`
}

type person struct {
	ID    string   `dynamodbav:"id"`
	Parts []part   `dynamodbav:"parts"`
	Tags  []string `dynamodbav:"tags"`
}

// FuzzSinkAfterFailure lets a sink take an answer that is spoiled somewhere, and
// then a good one, which must be what a new sink takes from it (rule O1).
func FuzzSinkAfterFailure(f *testing.F) {
	const good = `{"Item":{"id":{"S":"good"},"parts":{"L":[{"M":{"name":{"S":"g"}}}]}}}`
	const bad = `{"Item":{"id":{"S":"bad"},"tags":{"L":[{"S":"secret"},{"S":"secret"}]},` +
		`"parts":{"L":[{"M":{"name":{"S":"secret"},"age":{"N":"1"}}},{"M":{"age":{"N":"2"}}}]}}}`
	for _, from := range []string{`"N":"2"`, `"N":"1"`, `"S":"secret"}]`, `]}}}`, `"M":{"age"`, `"id":{"S"`} {
		at := strings.Index(bad, from)
		f.Add(uint16(at+1), byte('S'))
		f.Add(uint16(at+5), byte('x'))
	}
	c := codecOf[person](f)
	shared := wire.NewSink(c)
	f.Cleanup(shared.Release)
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}}
	f.Fuzz(func(t *testing.T, at uint16, b byte) {
		spoiled := []byte(bad)
		spoiled[int(at)%len(spoiled)] = b
		for _, then := range []*wire.Sink{shared, wire.NewSink(c)} {
			client := stubOf(answer{body: string(spoiled)}).client()
			_, _ = client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: key}, shared.Options()...)
			client = stubOf(answer{body: good}).client()
			_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: key}, then.Options()...)
			require.NoError(t, err)
			require.NoError(t, then.Err())
			assert.Equal(t, []person{{ID: "good", Parts: []part{{Name: "g"}}}}, then.Take().Interface())
		}
	})
}
