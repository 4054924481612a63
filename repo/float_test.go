package repo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A gauge is sorted by floats, which hold fewer digits than DynamoDB.
type gauge struct {
	ID    string  `dynamodbav:"id"`
	At    float64 `dynamodbav:"at"`
	Small float32 `dynamodbav:"small"`
	Free  float64 `dynamodbav:"free"`
}

// An exactGauge holds every digit.
type exactGauge struct {
	ID string                `dynamodbav:"id"`
	At attributevalue.Number `dynamodbav:"at"`
}

func gaugeSpec() repo.Spec {
	return repo.Spec{
		Table: "gauges", Key: key.Spec{Hash: key.String("id"), Range: key.Number("at")},
		Indexes: []index.Spec{index.Local("small_idx", key.Number("small"))},
	}
}

// TestFloatKeys: a number of a key that its float does not hold exactly is an error
// of the read that meets it: rounded it is the key of another item, behind which a
// page would go on, and to which a Save would write (rules A6, O2). Other numbers are
// rounded.
func TestFloatKeys(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[gauge](t, db, gaugeSpec())
	client := db.Client().(*dynamodb.Client)
	fill := func(id string, attrs av) {
		attrs["id"] = str(id)
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: attrs})
		require.NoError(t, err)
	}
	const long = "0.1000000000000000000000000000000000001"
	for name, c := range map[string]struct {
		attrs av
		field string // that does not hold its number; "" for none
	}{
		"as a float is":     {av{"at": num("0.1"), "small": num("0.1")}, ""},
		"with zeros":        {av{"at": num("100.50"), "small": num("1E+2")}, ""},
		"as stored here":    {av{"at": num("123456789012345680"), "small": num("16777216")}, ""},
		"too long":          {av{"at": num(long), "small": num("1")}, "at"},
		"between integers":  {av{"at": num("9007199254740993"), "small": num("1")}, "at"},
		"of an index":       {av{"at": num("1"), "small": num("16777217")}, "small"},
		"that is no key":    {av{"at": num("1"), "small": num("1"), "free": num(long)}, ""},
		"very small, exact": {av{"at": num("1E-130"), "small": num("1")}, ""},
	} {
		fill(name, c.attrs)
		_, err := r.Query(key.Of(name)).Collect(t.Context())
		if c.field == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, repo.ErrDecode, name)
		require.ErrorContains(t, err, "attribute "+c.field+": the number of a key does not fit float", name)
	}

	exact, err := repo.New[exactGauge](db, repo.Spec{Table: "gauges", Key: gaugeSpec().Key})
	require.NoError(t, err)
	for _, at := range []string{"0.1", long, "0.1000000000000000000000000000000000002", "0.2"} {
		fill("g", av{"at": num(at), "small": num("1")})
	}
	for limit := 1; limit <= 5; limit++ {
		found := 0
		all := exact.Query(key.Of("g"))
		for more := true; more; {
			more = false
			n := 0
			for g, err := range all.All(t.Context()) {
				require.NoError(t, err)
				found++
				if n++; n == limit {
					var after dyniter.Cursor
					after, err = all.CursorAfter(g)
					require.NoError(t, err)
					all, more = all.From(after), true
					break
				}
			}
			require.LessOrEqual(t, found, 4)
		}
		assert.Equal(t, 4, found, limit)
	}
}
