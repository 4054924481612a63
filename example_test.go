package dynarepo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// README: the example starts here.

type Score struct {
	ModelID   string    `dynamodbav:"model_id"`
	AccountID int64     `dynamodbav:"account_id"`
	Position  int       `dynamodbav:"position"`
	UserID    string    `dynamodbav:"user_id"`
	Points    float64   `dynamodbav:"score"`
	Tags      []string  `dynamodbav:"tags,stringset"`
	CreatedAt time.Time `dynamodbav:"created_at"`
	UpdatedAt time.Time `dynamodbav:"updated_at"`
	Version   int64     `dynamodbav:"lock_version"`
}

var (
	position = cond.Field(func(s *Score) *int { return &s.Position })
	points   = cond.Field(func(s *Score) *float64 { return &s.Points })
	userID   = cond.Field(func(s *Score) *string { return &s.UserID })
)

var scoreSpec = repo.Spec{
	Table: "scores",
	Key: key.Spec{
		Hash:  key.Composite("id", key.String("model_id"), key.Int("account_id")),
		Range: key.Int("position"),
	},
	Indexes: []index.Spec{
		index.Global("user_idx", key.String("user_id"), key.Number("score")).Include("tags"),
		index.Local("score_idx", key.Number("score")),
	},
	Lock:       lock.Version("lock_version"),
	Timestamps: repo.Timestamps{Created: "created_at", Updated: "updated_at"},
}

func example(ctx context.Context) error {
	db, err := repo.Open(ctx, &repo.Config{Namespace: "app_dev", Endpoint: endpoint})
	if err != nil {
		return err
	}
	scores, err := repo.New[Score](db, scoreSpec)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, scores, nil); err != nil {
		return err
	}
	for i := range 10 {
		s := Score{ModelID: "model_1", AccountID: 42, Position: i, UserID: "u1", Points: float64(i)}
		if err := scores.Create(ctx, &s); err != nil { // repo.ErrExists
			return err
		}
	}

	k := key.Of("model_1", 42).Range(7)
	s, err := scores.Get(ctx, k) // repo.ErrNotFound
	if err != nil {
		return err
	}
	fmt.Println("loaded", s.Position, s.Points, "version", s.Version)
	updated, err := scores.Update(ctx, k, points.Add(1.5), userID.Set("u2")) // one UpdateItem
	if err != nil {
		return err
	}
	fmt.Println("updated", updated.UserID, updated.Points)
	fmt.Println("saving what is stale:", errors.Is(scores.Save(ctx, &s), lock.ErrStale))

	q := scores.Query(key.Of("model_1", 42)).
		Where(position.Between(2, 9), points.Gt(3)). // sort condition and filter, told apart
		RecordLimit(3).Descending()
	for s, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println("position", s.Position, "points", s.Points)
	}
	plan, err := q.Plan() // what would be sent, and why, without sending
	if err != nil {
		return err
	}
	fmt.Println(plan)
	return scores.Destroy(ctx, &updated)
}

// README: the example ends here.

func Example() {
	if err := example(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// loaded 7 7 version 1
	// updated u2 8.5
	// saving what is stale: true
	// position 9 points 9
	// position 8 points 8
	// position 7 points 8.5
	// Query of app_dev_scores
	// because:     hash key of the table and a condition on its sort key
	// key:         id = ? and position between ? and ?
	// filter:      score > ?
	// projection:  all attributes
	// read:        descending
	// first limit: 3
	// cost:        reads a range of one partition of table app_dev_scores, until 3 items pass the filter
}
