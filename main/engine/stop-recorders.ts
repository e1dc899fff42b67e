import type { SiteServices } from './site-services.ts'

/** What the broker told last is written down. Once the broker has stopped. */
export async function stopRecorders({
  presence,
  limits,
  mqtt,
  enrolling,
  doctor,
}: Pick<SiteServices, 'presence' | 'limits' | 'mqtt' | 'enrolling' | 'doctor'>): Promise<void> {
  const { delivery } = enrolling.commands
  enrolling.topics.service.stop()
  doctor.watch.stop()
  await Promise.all([
    presence.stop(),
    limits.stop(),
    mqtt.connections.stop(),
    delivery.stop(),
    enrolling.knocking.stop(),
  ])
}
