import { createMeter, type MeterType, type SimulatedChannel } from '#simulator/meters.ts'

/** What is wrong with a gateway of the demo, so that a newcomer sees what the site makes of it. */
export type DemoTrouble = 'offline' | 'suspended' | 'refused'

export interface DemoGateway {
  code: string
  name: string
  meters: readonly (readonly [MeterType, string])[]
  trouble: DemoTrouble | null
}

export interface DemoTenant {
  slug: string
  name: string
  gateways: readonly DemoGateway[]
  /** Paths, each behind the one above it, with the codes of what stands there. */
  groups: readonly (readonly [path: string, codes: readonly string[]])[]
}

export const DEMO_SITE = 'Riverside'

function gateway(
  code: string,
  name: string,
  meters: DemoGateway['meters'],
  trouble: DemoTrouble | null = null,
): DemoGateway {
  return { code, name, meters, trouble }
}

/** The first tenant is the one that every site starts with: it keeps its slug and gets no new name. */
export const demoTenants: readonly [DemoTenant, DemoTenant] = [
  {
    slug: 'riverside',
    name: DEMO_SITE,
    gateways: [
      gateway('RV-01', 'Boiler house', [
        ['heat', 'boiler'],
        ['energy', 'pumps'],
      ]),
      gateway('RV-02', 'Chiller plant', [
        ['energy', 'chiller1'],
        ['energy', 'chiller2'],
        ['climate', 'plant_room'],
      ]),
      gateway('RV-03', 'Water intake', [
        ['water', 'intake'],
        ['energy', 'pumps'],
      ]),
      gateway('RV-04', 'Compressor room', [
        ['energy', 'compressor'],
        ['climate', 'room'],
      ]),
      gateway('RV-05', 'Packing hall', [
        ['climate', 'hall'],
        ['energy', 'lines'],
      ]),
      gateway('RV-06', 'Cold store 1', [['climate', 'store']]),
      gateway('RV-07', 'Cold store 2', [['climate', 'store']]),
      gateway('RV-08', 'Main substation', [
        ['energy', 'transformer1'],
        ['energy', 'transformer2'],
      ]),
      gateway('RV-09', 'Effluent station', [
        ['water', 'basin'],
        ['energy', 'aerators'],
      ]),
      gateway('RV-10', 'Workshop', [['energy', 'machines']]),
      gateway('RV-11', 'Office block', [
        ['climate', 'floor1'],
        ['climate', 'floor2'],
        ['energy', 'main'],
      ]),
      gateway('RV-12', 'Fire-water tank', [['water', 'tank']]),
      gateway('RV-13', 'Old boiler', [['heat', 'boiler']], 'suspended'),
      gateway('RV-14', 'Gate house', [['climate', 'room']], 'refused'),
    ],
    groups: [
      ['Utilities', ['RV-08']],
      ['Utilities/Steam', ['RV-01', 'RV-13']],
      ['Utilities/Cooling and air', ['RV-02', 'RV-04']],
      ['Utilities/Water', ['RV-03', 'RV-09', 'RV-12']],
      ['Production', ['RV-10']],
      ['Production/Packing', ['RV-05']],
      ['Production/Cold stores', ['RV-06', 'RV-07']],
      ['Buildings', ['RV-11', 'RV-14']],
    ],
  },
  {
    slug: 'dairy-north',
    name: 'Dairy North',
    gateways: [
      gateway('DN-01', 'Pasteuriser', [
        ['heat', 'heater'],
        ['energy', 'line'],
      ]),
      gateway('DN-02', 'Milk intake', [
        ['water', 'milk'],
        ['climate', 'bay'],
      ]),
      gateway('DN-03', 'Cheese cellar', [
        ['climate', 'cellar1'],
        ['climate', 'cellar2'],
      ]),
      gateway('DN-04', 'Ice-water plant', [
        ['energy', 'compressor'],
        ['water', 'ice_water'],
      ]),
      gateway('DN-05', 'Cleaning station', [
        ['heat', 'caustic'],
        ['water', 'rinse'],
      ]),
      gateway('DN-06', 'Whey tanks', [['water', 'whey']]),
      gateway('DN-07', 'Steam boiler', [
        ['heat', 'boiler'],
        ['energy', 'burner'],
      ]),
      gateway('DN-08', 'Well pump', [
        ['water', 'well'],
        ['energy', 'pump'],
      ]),
      gateway('DN-09', 'Truck wash', [['water', 'wash']], 'offline'),
    ],
    groups: [
      ['Milk hall', ['DN-01', 'DN-02', 'DN-05', 'DN-06']],
      ['Cellars', ['DN-03']],
      ['Supply', ['DN-04', 'DN-07', 'DN-08']],
    ],
  },
]

export interface DemoPerson {
  name: string
  email: string
  tenant: 0 | 1
  role: string
  /** Where their rights end; everywhere in the tenant where left out. */
  groups?: readonly string[]
}

/** A role of the first tenant's own. */
export const demoRole = {
  name: 'Shift lead',
  permissions: [
    'tenants:read',
    'gateways:read',
    'gateways:write',
    'gateways:command',
    'telemetry:read',
    'telemetry:export',
    'dashboards:write',
    'alarms:read',
    'alarms:acknowledge',
  ],
} as const

/** They were invited; nobody signs in as them. */
export const demoPeople: readonly DemoPerson[] = [
  { name: 'Ana Duarte', email: 'ana.duarte@riverside.example', tenant: 0, role: 'tenant_admin' },
  {
    name: 'Tom Okafor',
    email: 'tom.okafor@riverside.example',
    tenant: 0,
    role: demoRole.name,
    groups: ['Production'],
  },
  {
    name: 'Lena Fischer',
    email: 'lena.fischer@cooling-service.example',
    tenant: 0,
    role: 'operator',
    groups: ['Utilities/Cooling and air', 'Production/Cold stores'],
  },
  { name: 'Marek Nowak', email: 'marek.nowak@dairy-north.example', tenant: 1, role: 'tenant_admin' },
  { name: 'Ida Berg', email: 'ida.berg@dairy-north.example', tenant: 1, role: 'viewer' },
]

export function demoChannels({ code, meters }: DemoGateway): SimulatedChannel[] {
  return meters.flatMap(([type, name]) => createMeter(type, name, code))
}
