package stream_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/stream"
)

type animal interface{ sound() string }

type cat struct {
	ID    string `dynamodbav:"id"`
	Lives int    `dynamodbav:"lives"`
}

type dog struct {
	ID    string `dynamodbav:"id"`
	Breed string `dynamodbav:"breed"`
}

func (*cat) sound() string { return "meow" }
func (*dog) sound() string { return "woof" }

// TestKinds: an item comes as its own type, and a view's changes are those of
// its kind (rule H2).
func TestKinds(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	animals := model[animal](t, db, repo.Spec{
		Table: "zoo", Key: key.Spec{Hash: key.String("id")},
		Kinds: sti.Kinds("", sti.Of[cat]("cat"), sti.Of[dog]("dog")),
	})
	enable(t, animals, types.StreamViewTypeNewAndOldImages)
	for _, a := range []animal{&cat{ID: "tom", Lives: 9}, &dog{ID: "rex", Breed: "collie"}, &cat{ID: "tom", Lives: 8}} {
		require.NoError(t, animals.Put(t.Context(), &a))
	}
	var seen []animal
	for _, c := range drain(t, read(t, animals, nil)) {
		seen = append(seen, *c.New)
	}
	assert.ElementsMatch(t, []animal{&cat{ID: "tom", Lives: 9}, &dog{ID: "rex", Breed: "collie"}, &cat{ID: "tom", Lives: 8}}, seen)

	cats, err := sti.View[cat](animals)
	require.NoError(t, err)
	s := read(t, cats, nil)
	all := drain(t, s)
	require.Len(t, all, 2)
	assert.Equal(t, []stream.Kind{stream.Insert, stream.Modify}, []stream.Kind{all[0].Kind, all[1].Kind})
	assert.Equal(t, 9, all[1].Old.Lives)
	assert.Equal(t, 1, s.Skipped())
}
