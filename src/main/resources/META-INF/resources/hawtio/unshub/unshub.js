export function unshub({ hawtio }, React) {
  hawtio.addPlugin({
    id: 'unshub',
    title: 'UNS Hub',
    path: '/unshub',
    order: -10,
    component: () => React.createElement('p', null, 'hello'),
    isActive: async () => true,
  })
}
