package repo_test

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type guest struct {
	ID    string            `dynamodbav:"id"`
	Email string            `dynamodbav:"email"`
	Age   int               `dynamodbav:"age"`
	Since time.Time         `dynamodbav:"since"`
	Flags map[string]string `dynamodbav:"flags"`
}

func guestSpec(edit ...func(*repo.Spec)) repo.Spec {
	s := repo.Spec{Table: "guests", Key: key.Spec{Hash: key.String("id")}}
	for _, f := range edit {
		f(&s)
	}
	return s
}

// TestFirstHourDeclared: what New says of the declarations that a newcomer gets
// wrong: what, where, and what to do (rule L2).
func TestFirstHourDeclared(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	hash := func(p key.Part) func(*repo.Spec) { return func(s *repo.Spec) { s.Key.Hash = p } }
	none := func(*repo.Spec) {}
	type channel struct {
		ID string `dynamodbav:"id"`
		C  chan int
	}
	type foreignTag struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamodb:"email"`
	}
	type gureguTag struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamo:"mail,omitempty"`
	}
	type option struct {
		ID string `dynamodbav:"id,omitemtpy"`
	}
	type hidden struct {
		ID    string `dynamodbav:"id"`
		email string `dynamodbav:"email"` //nolint:unused // the tag is what is wrong
	}
	of := func(edit func(*repo.Spec)) error {
		_, err := repo.New[guest](db, guestSpec(edit))
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a field that can't be stored": {errOf(repo.New[channel](db, guestSpec())), `channel: T: its fields or tags are not right: repo_test.channel: field C: a chan can't be stored; tag the field "-"`},
		"a map as key":                 {of(hash(key.String("flags"))), "guest in guests: Key: field Flags is stored as what can be no key: that is a string, a number or a binary"},
		"a number as a string":         {of(hash(key.String("age"))), "guest in guests: Key: attribute age is declared as S, and field Age is stored as N"},
		"the name of the field":        {of(hash(key.String("ID"))), `guest in guests: Key: attribute ID has no field in the type; is "id" meant?`},
		"a misspelt key":               {of(hash(key.String("emial"))), `guest in guests: Key: attribute emial has no field in the type; is "email" meant?`},
		"a key of nothing":             {of(hash(key.String("account"))), "guest in guests: Key: attribute account has no field in the type"},
		"a misspelt index":             {of(func(s *repo.Spec) { s.Indexes = []index.Spec{index.Global("by_mail", key.String("mail"))} }), `guest in guests: Indexes "by_mail": attribute mail has no field in the type; is "email" meant?`},
		"a misspelt time":              {of(func(s *repo.Spec) { s.Timestamps.Created = "sinc" }), `guest in guests: Timestamps.Created: attribute sinc has no field in the type; is "since" meant?`},
		"a misspelt unique field":      {of(func(s *repo.Spec) { s.Unique = []repo.Unique{repo.UniqueOn[guest](cond.Name[guest]("eMail"))} }), `guest in guests: Unique[0]: attribute eMail has no field in the type; is "email" meant?`},
		"no table":                     {of(func(s *repo.Spec) { s.Table = "" }), "guest: Table: want 3 to 255 letters, digits, '_', '-' or '.', namespace included"},
		"a pointer":                    {errOf(repo.New[*guest](db, guestSpec())), "*repo_test.guest: T: want a struct type, not a pointer to one; of an interface, Kinds"},
		"a tag of another library":     {errOf(repo.New[gureguTag](db, guestSpec())), `field Email: the tag dynamo is not read and names another attribute than "Email"; write the name in dynamodbav`},
		"a tag that looks right":       {errOf(repo.New[foreignTag](db, guestSpec())), `field Email: the tag dynamodb is not read and names another attribute than "Email"; write the name in dynamodbav`},
		"a misspelt option":            {errOf(repo.New[option](db, guestSpec())), `field ID: unknown tag option "omitemtpy"`},
		"an unexported field":          {errOf(repo.New[hidden](db, guestSpec())), "field email: a tagged field must be exported"},
		"no database":                  {errOf(repo.New[guest](nil, guestSpec(none))), "repo_test.guest: db: want a DB"},
	} {
		require.ErrorIs(t, c.err, repo.ErrInvalid, name)
		assert.ErrorContains(t, c.err, c.want, name)
	}
	assert.Zero(t, tr.Total())
}

func errOf[T any](_ T, err error) error { return err }

// TestFirstHourCalled: what a call says that a newcomer gets wrong, or whose table is
// not there or not the model's (section O).
func TestFirstHourCalled(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[guest](t, db, guestSpec())
	absent, err := repo.New[guest](db, guestSpec(func(s *repo.Spec) { s.Table = "absent" }))
	require.NoError(t, err)
	indexed, err := repo.New[guest](db, guestSpec(func(s *repo.Spec) { s.Indexes = []index.Spec{index.Global("by_email", key.String("email"))} }))
	require.NoError(t, err)
	ranged, err := repo.New[guest](db, guestSpec(func(s *repo.Spec) { s.Key.Range = key.String("email") }))
	require.NoError(t, err)
	numbered, err := repo.New[guest](db, guestSpec(func(s *repo.Spec) { s.Key.Hash = key.Int("age") }))
	require.NoError(t, err)
	ctx := t.Context()
	get := func(r *repo.Repo[guest], k key.Value) error { return errOf(r.Get(ctx, k)) }
	find := func(q repo.Query[guest]) error { return errOf(q.Collect(ctx)) }
	named := func(name string) cond.Cond[guest] { return cond.Name[guest](name).Eq("x") }
	noTable := "ResourceNotFoundException: no such table in this region, account or endpoint; table.Create makes one"
	otherKeys := "ValidationException: the live table has other keys than the model; table.Diff tells"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no table, get":              {get(absent, key.Of("1")), "repo: Get " + absent.Table() + " (key id): " + noTable},
		"no table, create":           {absent.Create(ctx, &guest{ID: "1"}), "repo: Create " + absent.Table() + " (key id): " + noTable},
		"no table, query":            {find(absent.Query(key.Of("1"))), "repo: Query " + absent.Table() + ": " + noTable},
		"an index that is not there": {find(indexed.Query(key.Of("x")).Index("by_email")), "repo: Query " + r.Table() + " index by_email: ValidationException: the live table lacks the index; table.CreateIndex adds it, and table.Diff tells what else differs"},
		"another key":                {get(ranged, key.Of("x").Range("y")), "repo: Get " + r.Table() + " (key id, email): " + otherKeys},
		"another key, delete":        {ranged.Delete(ctx, key.Of("x").Range("y")), "repo: Delete " + r.Table() + " (key id, email): " + otherKeys},
		"another key, create":        {numbered.Create(ctx, &guest{Age: 1}), "repo: Create " + r.Table() + " (key age): " + otherKeys},
		"no such index":              {find(r.Query(key.Of("1")).Index("nope")), `repo: Query ` + r.Table() + ` index nope: invalid: index: "nope": not declared`},
		"a value too many":           {get(r, key.Of("1", 2)), "repo: Get " + r.Table() + ": invalid: key: id: values of the hash key: want 1, not 2"},
		"a sort key too many":        {get(r, key.Of("1").Range(2)), "repo: Get " + r.Table() + ": invalid: key: values of the sort key: want 0, not 1"},
		"a value too many, query":    {find(r.Query(key.Of("1", 2))), "repo: Query " + r.Table() + ": invalid: key: id: values of the hash key: want 1, not 2"},
		"no value":                   {get(r, key.Value{}), "repo: Get " + r.Table() + ": invalid: key: id: values of the hash key: want 1, not 0"},
		"another kind":               {get(r, key.Of(1)), "repo: Get " + r.Table() + ": invalid: key: id: a value that the key can't hold: value of the wrong kind: want string"},
		"an empty key":               {get(r, key.Of("")), "repo: Get " + r.Table() + ": invalid: key: id: a key can't be empty"},
		"an item without a key":      {r.Create(ctx, &guest{}), "repo: Create " + r.Table() + ": invalid: key: id: a key can't be empty"},
		"no item":                    {r.Create(ctx, nil), "repo: Create " + r.Table() + ": invalid: want an item, not nil"},
		"a misspelt attribute":       {find(r.Where(named("emial"))), "repo: Query " + r.Table() + `: invalid: cond: repo_test.guest: attribute emial: the model has no such attribute; is "email" meant?`},
		"the name of a field":        {find(r.Where(named("Email"))), "repo: Query " + r.Table() + `: invalid: cond: repo_test.guest: attribute Email: the model has no such attribute; is "email" meant?`},
		"a misspelt condition":       {errOf(r.If(named("mail")).Update(ctx, key.Of("1"), cond.Name[guest]("age").Set(1))), `attribute mail: the model has no such attribute; is "email" meant?`},
		"a misspelt change":          {errOf(r.Update(ctx, key.Of("1"), cond.Name[guest]("aeg").Set(1))), `aeg: the model has no such attribute; is "age" meant?`},
		"a misspelt projection":      {find(r.Scan().Project("emai")), `attribute emai: the model has no such attribute; is "email" meant?`},
		"a value of another type":    {find(r.Where(cond.Name[guest]("age").Eq("x"))), "attribute age: a value that the attribute can't hold: value of the wrong kind: want int"},
	} {
		require.Error(t, c.err, name)
		assert.ErrorContains(t, c.err, c.want, name)
	}
	for code, want := range map[string]string{
		"UnrecognizedClientException": "the service does not take the credentials; are they, and the region, of this account?",
		"ExpiredTokenException":       "the credentials have expired",
		"AccessDeniedException":       "a policy denies the operation to these credentials",
	} {
		tr.On("DeleteItem").Times(1).Do(faults.Error(http.StatusBadRequest, code))
		assert.EqualError(t, r.Delete(ctx, key.Of("1")), "repo: Delete "+r.Table()+" (key id): "+code+": "+want)
	}
}

// TestFirstHourEndpoint: where nothing listens on this machine the call fails at once
// and says so; so does what is missing to reach the service.
func TestFirstHourEndpoint(t *testing.T) { //nolint:paralleltest // the environment is changed
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	for _, host := range []string{free.Addr().String(), strings.Replace(free.Addr().String(), "127.0.0.1", "localhost", 1)} {
		db, err := repo.Open(t.Context(), &repo.Config{Endpoint: "http://" + host})
		require.NoError(t, err)
		assert.Contains(t, db.Path(), "first attempts are the library's own")
		r, err := repo.New[guest](db, guestSpec())
		require.NoError(t, err)
		metered, meter := repo.WithMeter(t.Context())
		_, err = r.Get(metered, key.Of("1"))
		require.ErrorContains(t, err, "nothing listens at "+host+": is DynamoDB Local started there?")
		assert.Zero(t, meter.Stats().Retries)
	}
	_, err = repo.Open(t.Context(), nil)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.EqualError(t, err, "repo: Config.Region: there is none here, in AWS_REGION or in the profile")
	_, err = repo.Open(t.Context(), &repo.Config{Endpoint: "localhost:8000"})
	require.EqualError(t, err, "repo: Config.Endpoint: want an http or https URL")

	db, err := repo.Open(t.Context(), &repo.Config{Region: "eu-west-1"})
	require.NoError(t, err)
	r, err := repo.New[guest](db, guestSpec())
	require.NoError(t, err)
	_, err = r.Get(t.Context(), key.Of("1"))
	require.ErrorContains(t, err, "; credentials come from AWS_PROFILE, AWS_ACCESS_KEY_ID, the machine's role, or Config.Credentials")
}
