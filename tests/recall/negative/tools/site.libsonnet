// image: 'ghcr.io/kestrel/jsonnet-commented:dev'
{
  branch: 'main',
  logo: 'logo:main.png',
  url: 'https://cdn.kestrel.test/a:latest',
}
