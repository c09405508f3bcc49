// The scraper's pod; ghcr.io/fjordline/metrics:main is built by trunk.
local registry = 'ghcr.io/fjordline';

{
  scraper: { name: 'metrics:main', image: 'ghcr.io/fjordline/metrics:main' },
  relay: { image: registry + '/relay:main' },
}
