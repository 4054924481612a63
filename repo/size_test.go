package repo_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
)

// shaped is an item of any shape, padded to any size.
type shaped struct {
	ID    string               `dynamodbav:"id"`
	Pad   string               `dynamodbav:"pad"`
	Value types.AttributeValue `dynamodbav:"value"`
}

// TestItemSize: 400 KB by DynamoDB's counting are sent and taken, and a byte
// more is refused before any request, for several shapes (rule F9).
func TestItemSize(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[shaped](t, db, spec("shaped"))
	list := func(all ...types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: all}
	}
	const edge = 400 << 10
	for name, value := range map[string]types.AttributeValue{
		"string":       str("é世😀"),
		"binary":       &types.AttributeValueMemberB{Value: make([]byte, 1001)},
		"bool":         &types.AttributeValueMemberBOOL{Value: true},
		"null":         &types.AttributeValueMemberNULL{Value: true},
		"string set":   &types.AttributeValueMemberSS{Value: []string{"a", "bcd", "é"}},
		"binary set":   &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}},
		"empty list":   list(),
		"list":         list(str("a"), &types.AttributeValueMemberBOOL{}, list(str("b"), list())),
		"empty map":    &types.AttributeValueMemberM{Value: av{}},
		"map":          &types.AttributeValueMemberM{Value: av{"a": str("b"), "longer": &types.AttributeValueMemberM{Value: av{"c": list(str("d"))}}}},
		"0":            num("0"),
		"7":            num("7"),
		"42":           num("42"),
		"123":          num("123"),
		"1234567":      num("1234567"),
		"-5":           num("-5"),
		"-1234":        num("-1234"),
		"100":          num("100"),
		"1000":         num("1000"),
		"0.5":          num("0.5"),
		"0.05":         num("0.05"),
		"1.5":          num("1.5"),
		"0.015":        num("0.015"),
		"12.5":         num("12.5"),
		"123.25":       num("123.25"),
		"38 digits":    num("12345678901234567890123456789012345678"),
		"1e30":         num("1e30"),
		"-1.5e-20":     num("-1.5e-20"),
		"number set":   &types.AttributeValueMemberNS{Value: []string{"1", "22", "-333", "0.5"}},
		"numbers, all": list(num("1"), num("22"), num("-333")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sizeOf := func(pad int) int {
				err := r.Put(t.Context(), &shaped{ID: name, Pad: strings.Repeat("x", pad), Value: value})
				require.ErrorIs(t, err, repo.ErrInvalid)
				size, ok := errors.AsType[*repo.SizeError](err)
				require.True(t, ok)
				return size.Bytes
			}
			pad := 2*edge - sizeOf(edge)
			assert.Equal(t, edge+1, sizeOf(pad+1))
			require.NoError(t, r.Put(t.Context(), &shaped{ID: name, Pad: strings.Repeat("x", pad), Value: value}))
			item := stored(t, r, av{"id": str(name)})
			require.NotEmpty(t, item)
			item = maps.Clone(item)
			item["value"] = value
			item["pad"] = str(strings.Repeat("x", pad+1))
			_, err := db.Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: item})
			api, ok := errors.AsType[smithy.APIError](err)
			if assert.True(t, ok, "the engine takes a byte more") {
				assert.Equal(t, "ValidationException", api.ErrorCode())
			}
		})
	}
}
