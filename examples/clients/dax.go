package clients

import (
	"context"

	"github.com/aws/aws-dax-go-v2/dax"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/dynarepo/dynarepo/repo"
)

// OpenDAX returns a database whose requests go to a cluster of DAX, such as
// "daxs://mycluster.frfx8h.clustercfg.dax.usw2.amazonaws.com".
func OpenDAX(ctx context.Context, cluster string) (*repo.DB, error) {
	sdk, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client, err := dax.NewFromConfig(sdk, cluster)
	if err != nil {
		return nil, err
	}
	return repo.NewDB(client, &repo.Config{Namespace: "app"})
}
