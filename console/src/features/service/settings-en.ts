/** The texts of the settings of a service, in English. */
export const en = {
  'settings.title': 'Settings',
  'settings.lead': 'What the service is called and what it is for; a copy of it; its end.',
  'settings.about': 'Name and description',
  'settings.name': 'Name',
  'settings.nameHint':
    'The first part of the host name: who calls {host} has to call the new name, once a stage is deployed again.',
  'settings.description': 'Description',
  'settings.made': 'Made',
  'settings.changed': 'Changed',
  'settings.id': 'Id',
  'settings.export': 'Take it out',
  'settings.exportHint':
    'A document of the design, with plugins and backends: importing it gives exactly this design. The file of the whole setup has the stages, too.',
  'settings.copy': 'Copy the service',
  'settings.copyHint': 'Its design with models and gateway responses, and its restriction policies.',
  'settings.copyName': 'Name of the copy',
  'settings.withStages': 'Its stages, too',
  'settings.withStagesHint': 'Not deployed yet, and without domains and path prefixes of their own.',
  'settings.makeCopy': 'Copy',
  'settings.copied': '{name} is a copy of {from}',
  'settings.delete': 'Delete the service',
  'settings.deleteHint':
    'The design goes, with all stages and deployments. What is live is taken off the gateway at once.',
  'settings.deleteStages': 'Stages that go with it: {names}.',
  'settings.noStages': 'It has no stages.',
  'settings.deleteConfirm': 'Type {name} to delete it',
  'settings.inTheWay': 'Not deleted: something is in the way',
  'settings.plans': 'Usage plans',
  'settings.deleted': '{name} deleted',
} as const
