package repo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// folder has an attribute of each kind that changes differ on.
type folder struct {
	ID      string         `dynamodbav:"id"`
	Size    int            `dynamodbav:"size"` // a reserved word
	Score   float64        `dynamodbav:"score,omitempty"`
	Lines   []cartLine         `dynamodbav:"lines,omitempty"`
	Names   []string       `dynamodbav:"names,omitempty"`
	Tags    []string       `dynamodbav:"tags,stringset,omitempty"`
	Numbers []int          `dynamodbav:"numbers,numberset,omitempty"`
	Owner   *owner         `dynamodbav:"owner,omitempty"`
	Counts  map[string]int `dynamodbav:"counts,omitempty"`
	Version int            `dynamodbav:"v"`
}

type cartLine struct {
	SKU string `dynamodbav:"sku"`
	N   int    `dynamodbav:"n"`
}

type owner struct {
	Name string `dynamodbav:"the.name"`
}

var (
	folderSize    = cond.Field(func(f *folder) *int { return &f.Size })
	folderScore   = cond.Field(func(f *folder) *float64 { return &f.Score })
	folderLines   = cond.Field(func(f *folder) *[]cartLine { return &f.Lines })
	folderNames   = cond.Field(func(f *folder) *[]string { return &f.Names })
	folderTags    = cond.Field(func(f *folder) *[]string { return &f.Tags })
	folderNumbers = cond.Field(func(f *folder) *[]int { return &f.Numbers })
	folderOwner   = cond.Field(func(f *folder) *string { return &f.Owner.Name })
	folderFirst   = cond.Name[folder]("lines[0].sku")
	folderSecond  = cond.Name[folder]("lines[1]")
	folderCount   = cond.Name[folder]("counts.b")
)

func wholeFolder() folder {
	return folder{
		ID: "f", Size: 3, Score: 0.5, Lines: []cartLine{{"a", 1}, {"b", 2}}, Names: []string{"x"},
		Tags: []string{"p", "q"}, Numbers: []int{1, 2}, Owner: &owner{Name: "o"}, Counts: map[string]int{"a": 1, "b": 2},
	}
}

// TestChanges: each change in one request, the item returned as stored (rule
// F3), the version one more (rule G4).
func TestChanges(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[folder](t, db, spec("folders", func(s *repo.Spec) { s.Lock = lock.Version("v") }))
	type change = cond.Change[folder]
	for name, c := range map[string]struct {
		changes []change
		bare    bool // there is the key alone
		want    func(*folder)
	}{
		"set":                     {[]change{folderSize.Set(9)}, false, func(f *folder) { f.Size = 9 }},
		"several":                 {[]change{folderSize.Set(9), folderScore.Remove(), folderTags.Add([]string{"r"})}, false, func(f *folder) { f.Size, f.Score, f.Tags = 9, 0, []string{"p", "q", "r"} }},
		"set, missing":            {[]change{folderScore.Set(2)}, true, func(f *folder) { f.Score = 2 }},
		"set to an empty set":     {[]change{folderTags.Set([]string{})}, false, func(f *folder) { f.Tags = nil }},
		"set if missing":          {[]change{folderScore.SetIfMissing(2)}, true, func(f *folder) { f.Score = 2 }},
		"set if missing, there":   {[]change{folderScore.SetIfMissing(2)}, false, func(*folder) {}},
		"add":                     {[]change{folderSize.Add(-5), folderScore.Add(0.25)}, false, func(f *folder) { f.Size, f.Score = -2, 0.75 }},
		"add, missing":            {[]change{folderScore.Add(0.25)}, true, func(f *folder) { f.Score = 0.25 }},
		"add to a set":            {[]change{folderTags.Add([]string{"q", "r"}), folderNumbers.Add([]int{7})}, false, func(f *folder) { f.Tags, f.Numbers = []string{"p", "q", "r"}, []int{1, 2, 7} }},
		"add to a missing set":    {[]change{folderTags.Add([]string{"r"})}, true, func(f *folder) { f.Tags = []string{"r"} }},
		"delete from a set":       {[]change{folderTags.DeleteFromSet([]string{"p", "z"}), folderNumbers.DeleteFromSet([]int{2})}, false, func(f *folder) { f.Tags, f.Numbers = []string{"q"}, []int{1} }},
		"delete all of a set":     {[]change{folderTags.DeleteFromSet([]string{"p", "q"})}, false, func(f *folder) { f.Tags = nil }},
		"delete from no set":      {[]change{folderTags.DeleteFromSet([]string{"p"})}, true, func(*folder) {}},
		"remove":                  {[]change{folderLines.Remove()}, false, func(f *folder) { f.Lines = nil }},
		"remove, missing":         {[]change{folderLines.Remove()}, true, func(*folder) {}},
		"append":                  {[]change{folderLines.Append([]cartLine{{"c", 3}})}, false, func(f *folder) { f.Lines = append(f.Lines, cartLine{"c", 3}) }},
		"append, missing":         {[]change{folderNames.Append([]string{"y", "z"})}, true, func(f *folder) { f.Names = []string{"y", "z"} }},
		"prepend":                 {[]change{folderNames.Prepend([]string{"y", "z"})}, false, func(f *folder) { f.Names = []string{"y", "z", "x"} }},
		"prepend, missing":        {[]change{folderNames.Prepend([]string{"y"})}, true, func(f *folder) { f.Names = []string{"y"} }},
		"nested, a dot in a name": {[]change{folderOwner.Set("other")}, false, func(f *folder) { f.Owner.Name = "other" }},
		"of an element":           {[]change{folderFirst.Set("z")}, false, func(f *folder) { f.Lines[0].SKU = "z" }},
		"an element":              {[]change{folderSecond.Remove()}, false, func(f *folder) { f.Lines = f.Lines[:1] }},
		"both":                    {[]change{folderFirst.Set("z"), folderSecond.Set(cartLine{"y", 5})}, false, func(f *folder) { f.Lines = []cartLine{{"z", 1}, {"y", 5}} }},
		"of a map":                {[]change{folderCount.Add(5)}, false, func(f *folder) { f.Counts["b"] = 7 }},
	} {
		want := folder{ID: "f"}
		if !c.bare {
			want = wholeFolder()
		}
		require.NoError(t, r.Overwrite().Put(t.Context(), &want), name)
		c.want(&want)
		want.Version = 2
		tr.Reset()
		got, err := r.Update(t.Context(), key.Of("f"), c.changes...)
		require.NoError(t, err, name)
		assert.Equal(t, map[string]int{"UpdateItem": 1}, tr.Counts(), name)
		assert.ElementsMatch(t, want.Tags, got.Tags, name)
		assert.ElementsMatch(t, want.Numbers, got.Numbers, name)
		want.Tags, want.Numbers = got.Tags, got.Numbers // sets have no order
		assert.Equal(t, want, got, name)
		reread, err := r.Get(t.Context(), key.Of("f"))
		require.NoError(t, err, name)
		assert.ElementsMatch(t, got.Tags, reread.Tags, name)
		assert.ElementsMatch(t, want.Numbers, reread.Numbers, name)
		reread.Tags, reread.Numbers = got.Tags, got.Numbers
		assert.Equal(t, want, reread, name)
	}
}

// TestUpdateMissing: an update never brings an item into being (rule F1).
func TestUpdateMissing(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	item, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	require.NoError(t, r.Delete(t.Context(), at(1)))
	tr.Reset()
	got, err := r.Update(t.Context(), at(1), points.Add(1))
	require.ErrorIs(t, err, repo.ErrNotFound)
	assert.Zero(t, got)
	require.ErrorIs(t, r.DB().Transact(t.Context(), r.Ops().Update(at(1), points.Add(1))), repo.ErrNotFound)
	assert.Equal(t, map[string]int{"UpdateItem": 1, "TransactWriteItems": 1}, tr.Counts())
	assert.Nil(t, rawScore(t, r, "1"))
	require.ErrorIs(t, r.Save(t.Context(), &item), lock.ErrStale)
}

// TestUpdateAndVersion: an update never fails for a version, and makes the save
// of what was loaded before fail (rule G4).
func TestUpdateAndVersion(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 1)
	loaded, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	for n := range 3 {
		got, err := r.Update(t.Context(), at(1), points.Add(1))
		require.NoError(t, err)
		assert.Equal(t, int64(n+2), got.Version)
	}
	require.ErrorIs(t, r.Save(t.Context(), &loaded), lock.ErrStale)
	require.NoError(t, r.DB().Transact(t.Context(), r.Ops().Update(at(1), points.Add(1))))
	assert.Equal(t, num("5"), rawScore(t, r, "1")["lock_version"])
}

// TestBadUpdates: what can't be done is refused before any request (rules K3,
// D1).
func TestBadUpdates(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	version := cond.Field(func(s *score) *int64 { return &s.Version })
	for name, c := range map[string]struct {
		changes []cond.Change[score]
		want    error
	}{
		"none":               {nil, repo.ErrInvalid},
		"zero":               {[]cond.Change[score]{{}}, repo.ErrInvalid},
		"twice":              {[]cond.Change[score]{points.Set(1), points.Add(1)}, cond.ErrOverlap},
		"within":             {[]cond.Change[score]{tags.Set(nil), cond.Name[score]("tags[0]").Set("x")}, cond.ErrOverlap},
		"sort key":           {[]cond.Change[score]{position.Set(2)}, key.ErrKey},
		"part of the key":    {[]cond.Change[score]{modelID.Set("x")}, key.ErrKey},
		"all of the key":     {[]cond.Change[score]{modelID.Set("x"), accountID.Set(1)}, key.ErrKey},
		"the key itself":     {[]cond.Change[score]{cond.Name[score]("id").Set("x")}, key.ErrKey},
		"the version":        {[]cond.Change[score]{version.Set(3)}, key.ErrKey},
		"unknown":            {[]cond.Change[score]{cond.Name[score]("nothing").Set(1)}, key.ErrKey},
		"malformed":          {[]cond.Change[score]{cond.Name[score]("tags[").Set(1)}, cond.ErrAttr},
		"of the wrong kind":  {[]cond.Change[score]{cond.Name[score]("score").Set("secret")}, cond.ErrAttr},
		"append to a number": {[]cond.Change[score]{points.Append(3)}, cond.ErrAttr},
		"several, all of it": {[]cond.Change[score]{points.Set(1), position.Set(2), userID.Set("x")}, key.ErrKey},
	} {
		got, err := r.Update(t.Context(), at(1), c.changes...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, c.want, name)
		assert.Zero(t, got, name)
		assert.NotContains(t, err.Error(), "secret")
		require.ErrorIs(t, r.DB().Transact(t.Context(), r.Ops().Update(at(1), c.changes...)), repo.ErrInvalid, name)
	}
	_, err := r.Update(t.Context(), key.Of("m"), points.Set(1))
	require.ErrorIs(t, err, key.ErrKey)
	assert.Zero(t, tr.Total())
}

// TestIndexComposites: with all parts given the composite of an index is made
// anew, with some of them the update is refused (rule K3); what is empty is
// left out of the index (rule F7).
func TestIndexComposites(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[empties](t, db, emptiesSpec())
	city := cond.Field(func(e *empties) *string { return &e.City })
	street := cond.Field(func(e *empties) *string { return &e.Street })
	ownerOf := cond.Field(func(e *empties) *string { return &e.Owner })
	require.NoError(t, r.Create(t.Context(), &empties{ID: "1", City: "Riga", Street: "s", Owner: "o"}))
	place := func() types.AttributeValue { return stored(t, r, av{"id": str("1")})["place"] }
	assert.Equal(t, str("Riga|s"), place())
	tr.Reset()
	for name, changes := range map[string][]cond.Change[empties]{
		"one": {city.Set("x")}, "other": {street.Remove(), ownerOf.Set("x")}, "not set": {city.Set("x"), street.SetIfMissing("y")},
		"itself": {cond.Name[empties]("place").Set("x|y")}, "removed": {city.Remove(), street.Remove()},
	} {
		_, err := r.Update(t.Context(), key.Of("1"), changes...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	assert.Zero(t, tr.Total())

	got, err := r.Update(t.Context(), key.Of("1"), city.Set("a|b"), street.Set("50%"))
	require.NoError(t, err)
	assert.Equal(t, "a|b", got.City)
	found, err := r.Query(key.Of("a|b", "50%")).Index("place_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, found, 1)
	_, err = r.Update(t.Context(), key.Of("1"), city.Set(""), street.Set(""), ownerOf.Set(""))
	require.NoError(t, err)
	item := stored(t, r, av{"id": str("1")})
	assert.NotContains(t, item, "place")
	assert.NotContains(t, item, "owner")
	assert.Equal(t, str(""), item["city"])
	_, err = r.Update(t.Context(), key.Of("1"), city.Set("x"), street.Set(""), ownerOf.Set("y"))
	require.NoError(t, err)
	assert.Equal(t, str("x|"), place())
}
