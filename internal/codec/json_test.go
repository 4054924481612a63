package codec_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// parseItem reads an item by means of encoding/json alone.
func parseItem(text []byte) (map[string]types.AttributeValue, error) {
	item, err := parseAs[map[string]map[string]json.RawMessage](text)
	if err != nil {
		return nil, err
	}
	out := map[string]types.AttributeValue{}
	for name, value := range item {
		if out[name], err = parseValue(value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// repeats reports whether an object in text has a name twice, of which
// encoding/json takes the last.
func repeats(tb testing.TB, text []byte) bool {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	type level struct {
		names map[string]bool // nil of a list
		value bool            // a name was read, and its value comes
	}
	var open []level
	for {
		tok, err := d.Token()
		if err != nil {
			require.ErrorIs(tb, err, io.EOF)
			return false
		}
		if tok == json.Delim('}') || tok == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 && open[len(open)-1].names != nil {
			in := &open[len(open)-1]
			if in.value = !in.value; in.value {
				name := tok.(string)
				if in.names[name] {
					return true
				}
				in.names[name] = true
				continue
			}
		}
		switch tok {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
}

var errForm = errors.New("not an attribute value")

func parseAs[T any](raw json.RawMessage) (v T, err error) {
	if string(raw) == "null" {
		return v, errForm
	}
	err = json.Unmarshal(raw, &v)
	return v, err
}

func parseList[T any](raw json.RawMessage) ([]T, error) {
	list, err := parseAs[[]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(list))
	for i, e := range list {
		if out[i], err = parseAs[T](e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func parseValue(value map[string]json.RawMessage) (av types.AttributeValue, err error) {
	if len(value) != 1 {
		return nil, errForm
	}
	for kind, raw := range value {
		switch kind {
		case "S":
			s, err := parseAs[string](raw)
			return &types.AttributeValueMemberS{Value: s}, err
		case "N":
			s, err := parseAs[string](raw)
			return &types.AttributeValueMemberN{Value: s}, err
		case "B":
			b, err := parseAs[[]byte](raw)
			return &types.AttributeValueMemberB{Value: b}, err
		case "BOOL":
			b, err := parseAs[bool](raw)
			return &types.AttributeValueMemberBOOL{Value: b}, err
		case "NULL":
			b, err := parseAs[bool](raw)
			return &types.AttributeValueMemberNULL{Value: b}, err
		case "SS":
			list, err := parseList[string](raw)
			return &types.AttributeValueMemberSS{Value: list}, err
		case "NS":
			list, err := parseList[string](raw)
			return &types.AttributeValueMemberNS{Value: list}, err
		case "BS":
			list, err := parseList[[]byte](raw)
			return &types.AttributeValueMemberBS{Value: list}, err
		case "M":
			m, err := parseItem(raw)
			return &types.AttributeValueMemberM{Value: m}, err
		case "L":
			raws, err := parseList[map[string]json.RawMessage](raw)
			if err != nil {
				return nil, err
			}
			list := make([]types.AttributeValue, len(raws))
			for i, e := range raws {
				if list[i], err = parseValue(e); err != nil {
					return nil, err
				}
			}
			return &types.AttributeValueMemberL{Value: list}, nil
		}
	}
	return nil, errForm
}

// itemText writes an item by means of encoding/json alone.
func itemText(t testing.TB, item map[string]types.AttributeValue) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	require.NoError(t, enc.Encode(jsonOf(&types.AttributeValueMemberM{Value: item}).(map[string]any)["M"]))
	return b.Bytes()
}

func jsonOf(av types.AttributeValue) any {
	one := func(kind string, v any) any { return map[string]any{kind: v} }
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return one("S", av.Value)
	case *types.AttributeValueMemberN:
		return one("N", av.Value)
	case *types.AttributeValueMemberB:
		return one("B", base64.StdEncoding.EncodeToString(av.Value))
	case *types.AttributeValueMemberBOOL:
		return one("BOOL", av.Value)
	case *types.AttributeValueMemberSS:
		return one("SS", append([]string{}, av.Value...))
	case *types.AttributeValueMemberNS:
		return one("NS", append([]string{}, av.Value...))
	case *types.AttributeValueMemberBS:
		return one("BS", append([][]byte{}, av.Value...))
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, e := range av.Value {
			list = append(list, jsonOf(e))
		}
		return one("L", list)
	case *types.AttributeValueMemberM:
		m := map[string]any{}
		for name, e := range av.Value {
			m[name] = jsonOf(e)
		}
		return one("M", m)
	}
	return one("NULL", true)
}
