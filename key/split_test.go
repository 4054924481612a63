package key_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

func TestSplitErrors(t *testing.T) {
	t.Parallel()
	escape := key.Error{Attr: "id", Part: "model_id", Rule: "is not escaped as it would be written"}
	integer := key.Error{Attr: "id", Part: "account_id", Rule: "want an integer as it would be written"}
	sorted := key.Error{Attr: "sk", Part: "n", Rule: "want an integer as it would be written"}
	first := key.Error{Attr: "pk", Part: `"ORDER"`, Rule: "the literal differs", Err: key.ErrLiteral}
	last := key.Error{Attr: "pk", Part: `"END"`, Rule: "the literal differs", Err: key.ErrLiteral}
	tests := map[string]struct {
		part key.Part
		text string
		want key.Error
	}{
		"empty":                      {id, "", key.Error{Attr: "id", Rule: "has too few parts"}},
		"too few":                    {id, "secret", key.Error{Attr: "id", Rule: "has too few parts"}},
		"too many":                   {id, "secret|1|2", integer},
		"too many strings":           {wide, "a::b::secret", key.Error{Attr: "path", Part: "b", Rule: "is not escaped as it would be written"}},
		"escape cut short":           {id, "secret%7|1", escape},
		"percent alone":              {id, "secret%|1", escape},
		"lower-case escape":          {id, "secret%7c|1", escape},
		"no hex":                     {id, "%GGsecret|1", escape},
		"needless escape":            {id, "%41secret|1", escape},
		"a byte of a wide delimiter": {wide, "a:secret::b", key.Error{Attr: "path", Part: "a", Rule: "is not escaped as it would be written"}},
		"no integer":                 {id, "m|secret", integer},
		"no digits":                  {id, "m|", integer},
		"minus alone":                {id, "m|-", integer},
		"two minuses":                {id, "m|--1234", integer},
		"plus":                       {id, "m|+1234", integer},
		"leading zero":               {id, "m|01234", integer},
		"minus zero":                 {id, "m|-0", integer},
		"blank":                      {id, "m| 1234", integer},
		"beyond int64":               {id, "m|9223372036854775808", integer},
		"sortable too short":         {sortable, "1000000000000001234", sorted},
		"sortable too long":          {sortable, "100000000000000001234", sorted},
		"sortable of no sign":        {sortable, "20000000000000001234", sorted},
		"sortable with a plus":       {sortable, "1+000000000000001234", sorted},
		"sortable beyond int64":      {sortable, "19223372036854775808", sorted},
		"sortable not below zero":    {sortable, "09223372036854775808", sorted},
		"another literal":            {order, "CUSTOMER#secret#NO#1#END", first},
		"another kind of key":        {order, "secret", first},
		"literal cut off":            {order, "ORDER#secret#NO#1", last},
		"literal and more":           {order, "ORDER#secret#NO#1#END#1234", last},
		"literal over other faults":  {order, "ORDER#%secret#NO#x#TAIL", last},
		"no composite":               {key.String("id"), "secret", key.Error{Attr: "id", Rule: "is no composite with parts"}},
		"composite of none":          {key.Composite("id"), "secret", key.Error{Attr: "id", Rule: "is no composite with parts"}},
		"part of a wrong kind": {
			key.Composite("id", key.Number("n")), "1234",
			key.Error{Attr: "id", Part: "n", Rule: "a number can't be in a composite"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values, err := test.part.Split(test.text)
			assert.Nil(t, values)
			assertError(t, test.want, err)
			decoded, err := test.part.Inside(door.Key{}).Decode(str(test.text))
			assert.Nil(t, decoded)
			assertError(t, test.want, err)
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		av   types.AttributeValue
		rule string
	}{
		"nil":       {nil, "has no value"},
		"typed nil": {(*types.AttributeValueMemberS)(nil), "has no value"},
		"NULL":      {&types.AttributeValueMemberNULL{Value: true}, "has no value"},
		"N":         {num("1234"), "want a string"},
		"B":         {&types.AttributeValueMemberB{Value: []byte("secret|1")}, "want a string"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values, err := id.Inside(door.Key{}).Decode(test.av)
			assert.Nil(t, values)
			assertError(t, key.Error{Attr: "id", Rule: test.rule}, err)
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	_, err := id.Join("m", "x")
	assert.EqualError(t, err, "key: id: part account_id: want an integer")
	_, err = id.Join("m", ^uint64(0))
	assert.EqualError(t, err, "key: id: part account_id: want an integer: value out of range")
	_, err = order.Split("CUSTOMER#x")
	assert.EqualError(t, err, `key: pk: part "ORDER": the literal differs: not the declared text`)
	assert.EqualError(t, key.Part{}.Inside(door.Key{}).Validate(key.Part{}), "key: the hash key is missing")
}
